package swaks

import (
	"crypto/tls"
	"io"
	"slices"
	"strings"
	"testing"

	"smtpsh/engine"
)

// collected returns the settings of a command line.
func collected(t *testing.T, line string) *settings {
	t.Helper()
	s, err := collect(&Env{Args: strings.Fields(line), Stdout: io.Discard, Stderr: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestVersions: --tls-protocol limits the versions, and a version between two allowed ones is
// not accepted from the server.
func TestVersions(t *testing.T) {
	for _, tt := range []struct {
		list      string
		low, high uint16
		chosen    uint16
		want      string // the error of reportTLS
	}{
		{"tlsv1_2", tls.VersionTLS12, tls.VersionTLS12, tls.VersionTLS12, ""},
		{"no_tlsv1_3", tls.VersionTLS10, tls.VersionTLS12, tls.VersionTLS11, ""},
		{"tlsv1_1,tlsv1_3", tls.VersionTLS11, tls.VersionTLS13, tls.VersionTLS13, ""},
		{"tlsv1_1,tlsv1_3", tls.VersionTLS11, tls.VersionTLS13, tls.VersionTLS12, "the server chose TLS 1.2, which --tls-protocol excludes"},
		{"no_tlsv1_2,no_tlsv1", tls.VersionTLS11, tls.VersionTLS13, tls.VersionTLS12, "the server chose TLS 1.2"},
	} {
		s := collected(t, "--tls --tls-protocol "+tt.list)
		o, err := newOutput(s, io.Discard, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.readVersions(); err != nil {
			t.Fatal(err)
		}
		tr := &transaction{settings: s, output: o, state: &tls.ConnectionState{Version: tt.chosen}}
		var c engine.TLSOptions
		if err := tr.setVersions(&c); err != nil || c.MinVersion != tt.low || c.MaxVersion != tt.high {
			t.Errorf("%s: %#x to %#x, %v, want %#x to %#x", tt.list, c.MinVersion, c.MaxVersion, err, tt.low, tt.high)
		}
		switch err := tr.reportTLS(); {
		case tt.want == "" && err != nil:
			t.Errorf("%s, %s chosen: %v", tt.list, tls.VersionName(tt.chosen), err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s, %s chosen: %v, want %q", tt.list, tls.VersionName(tt.chosen), err, tt.want)
		}
	}
}

// TestVersionErrors: what --tls-protocol does not accept, and words that are skipped.
func TestVersionErrors(t *testing.T) {
	for list, want := range map[string]string{
		"tlsv1_2,foo":          "",
		"foo":                  "no valid arguments",
		"tlsv1_2,no_tlsv1":     "cannot mix",
		"no_tlsv1,tlsv1_2,foo": "cannot mix",
	} {
		err := collected(t, "--tls --tls-protocol "+list).readVersions()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", list, err, want)
		}
	}
}

// TestCipherLists: names, groups and exclusions in the notation of OpenSSL.
func TestCipherLists(t *testing.T) {
	const gcm, cbc, des, chacha = "ECDHE-RSA-AES128-GCM-SHA256", "AES128-SHA", "DES-CBC3-SHA", "ECDHE-ECDSA-CHACHA20-POLY1305"
	for list, want := range map[string]map[string]bool{
		gcm:                         {gcm: true, cbc: false},
		"HIGH":                      {gcm: true, cbc: true, des: false},
		"ALL:!3DES:@STRENGTH":       {gcm: true, cbc: true, des: false},
		"3DES:+RSA":                 {des: true, cbc: false, gcm: false},
		"ECDHE+AESGCM:CHACHA20":     {gcm: true, chacha: true, cbc: false},
		"!" + gcm + ":ALL":          {gcm: false, chacha: true},
		"ALL:-ECDHE:" + gcm:         {gcm: true, chacha: false, cbc: true},
		"HIGH,!aNULL " + des:        {des: true, gcm: true},
		"kRSA:!SHA1":                {cbc: false, "AES256-GCM-SHA384": true, gcm: false},
		"aECDSA":                    {chacha: true, gcm: false},
		"DEFAULT@SECLEVEL=0":        {gcm: true, des: false},
		"@STRENGTH:!":               {gcm: false},
		"NONSENSE:eNULL:aNULL:PSK:": {gcm: false, des: false},
	} {
		got := cipherList(list)
		for name, in := range want {
			if slices.Contains(got, suites[name]) != in {
				t.Errorf("%s: %s is in it: %v, want %v", list, name, !in, in)
			}
		}
	}
}

// TestPathOfASocketInProxyHeader: a path that does not fit into a header of version 2 is an
// error, and a shorter one is filled with NULs.
func TestPathOfASocketInProxyHeader(t *testing.T) {
	for _, tt := range []struct {
		length int
		want   string
	}{
		{unixPath, ""},
		{unixPath + 1, "--proxy-source has 109 bytes, and a path has at most 108"},
	} {
		s := collected(t, "--proxy-version 2 --proxy-family AF_UNIX --proxy-source-port 0 --proxy-dest-port 0 --proxy-dest /b --proxy-source "+
			strings.Repeat("a", tt.length))
		err := s.readProxy()
		if tt.want == "" &&
			(err != nil || len(s.header) < 16+2*unixPath) || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%d bytes: a header of %d bytes, %v, want %q", tt.length, len(s.header), err, tt.want)
		}
	}
}

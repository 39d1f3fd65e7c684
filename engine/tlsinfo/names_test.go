package tlsinfo_test

import (
	"crypto/tls"
	"slices"
	"strings"
	"testing"

	"smtpsh/engine/tlsinfo"
)

func TestNamesOfSuitesAndCurves(t *testing.T) {
	suites, err := tlsinfo.ParseSuites("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls_rsa_with_aes_128_cbc_sha")
	if want := []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_RSA_WITH_AES_128_CBC_SHA}; err != nil || !slices.Equal(suites,
		want) {
		t.Errorf("%v, %v", suites, err)
	}
	curves, err := tlsinfo.ParseCurves("x25519,P-256")
	if want := []tls.CurveID{tls.X25519, tls.CurveP256}; err != nil || !slices.Equal(curves, want) {
		t.Errorf("%v, %v", curves, err)
	}
	for list, want := range map[string]string{
		"AES128-SHA": `unknown cipher suite "AES128-SHA"`, "": "unknown cipher suite", "TLS_AES_128_GCM_SHA256": "belongs to TLS 1.3",
	} {
		if _, err := tlsinfo.ParseSuites(list); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", list, err)
		}
	}
	if _, err := tlsinfo.ParseCurves("P-999"); err == nil || !strings.Contains(err.Error(), `"P-999"`) {
		t.Error(err)
	}
	if !slices.Contains(tlsinfo.LegacySuites(), tls.TLS_RSA_WITH_AES_128_CBC_SHA) || slices.Contains(tlsinfo.LegacySuites(),
		tls.TLS_AES_128_GCM_SHA256) {
		t.Error("the legacy suites are not those of TLS 1.2 and older")
	}
	if tlsinfo.CurveNames() == "" {
		t.Error("no names")
	}
}

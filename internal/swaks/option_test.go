package swaks

import (
	"strings"
	"testing"
)

// words returns options in a short form: "server=x from -cc".
func words(list []given) string {
	var out []string
	for _, g := range list {
		w := g.option.Name
		if g.name != "" {
			w += "(" + g.name + ")"
		}
		if g.off {
			w = "-" + w
		}
		if g.has {
			w += "=" + g.value
		}
		out = append(out, w)
	}
	return strings.Join(out, " ")
}

// TestCommandLines: the forms in which options and arguments can be written.
func TestCommandLines(t *testing.T) {
	for line, want := range map[string]string{
		"--server|x":                   "server=x",
		"-s|x|-t|a@b":                  "server=x to=a@b",
		"--server=x":                   "server=x",
		"-server|x":                    "server=x",
		"--auth":                       "auth",
		"--auth|PLAIN":                 "auth=PLAIN",
		"--auth|--tls":                 "auth tls",
		"--body|-":                     "body=-",
		"--auth-pass|x":                "auth-password=x",
		"--tls-ca|x":                   "tls-ca-path=x",
		"--h-Subject|hi":               "header(Subject)=hi",
		"--header-X-A:|b":              "header(X-A)=b",
		"--no-from":                    "-from",
		"--no-h-Subject":               "-header(Subject)",
		"--no-data-fixup":              "no-data-fixup",
		"-4|--6":                       "4 6",
		"--from|":                      "from=",
		"--tls|x":                      "error: Data left in option list when processing  command line ('x').  Exiting",
		"x":                            "error: Data left in option list when processing  command line ('x').  Exiting",
		"--|x":                         "error: Data left in option list when processing  command line ('x').  Exiting",
		"--tls=x":                      "error: Option tls does not take an argument",
		"--nonsense":                   "error: Unknown option: nonsense",
		"--attach-":                    "error: Option attach- is ambiguous",
		"--dump":                       "dump",
		"--dump|AUTH,TLS":              "dump=AUTH,TLS",
		"--no-h":                       "-helo",
		"--no-da":                      "-drop-after",
		"--no-hi":                      "-hide-informational",
		"--no-hint":                    "no-hints",
		"--quit-after":                 "error: Option quit-after requires an argument",
		"--am":                         "error: Option am requires an argument",
		"--xclient-name|a|--xclient|b": "xclient-name=a xclient=b",
	} {
		var args []string
		if line != "" {
			args = strings.Split(line, "|")
		}
		got, err := parseArgs(args, "command line")
		if wrong, ok := strings.CutPrefix(want, "error: "); ok {
			if err == nil || !strings.Contains(err.Error(), wrong) {
				t.Errorf("%s: %v, want %q", line, err, wrong)
			}
			continue
		}
		if err != nil || words(got) != want {
			t.Errorf("%s: %q, %v, want %q", line, words(got), err, want)
		}
	}
}

// TestConfigurationFile: each line is an option; the rest of the line is its argument.
func TestConfigurationFile(t *testing.T) {
	got, err := parseConfig("# remark\n--from ann@x.org\nh-From: \"Ann\" <a@x.org>\napt\nbody \n", "rc")
	if want := `from=ann@x.org header(From)="Ann" <a@x.org> auth-plaintext body=`; err != nil || words(got) != want {
		t.Errorf("%q, %v", words(got), err)
	}
	for _, text := range []string{"tls x\n", "nonsense\n"} {
		if _, err := parseConfig(text, "rc"); err == nil {
			t.Errorf("%q is no error", text)
		}
	}
}

// TestEnvironment: the variables are read in the order of their names.
func TestEnvironment(t *testing.T) {
	got, err := parseEnv([]string{"SWAKS_OPT_from=b@x.org", "PATH=x", "SWAKS_OPT_f=a@x.org", "SWAKS_OPT_h_X_A=1", "SWAKS_OPT_server="})
	if want := "from=a@x.org from=b@x.org header(X-A)=1 server"; err != nil || words(got) != want {
		t.Errorf("%q, %v", words(got), err)
	}
}

// TestOptionNamesAreUnique: no name stands for two options.
func TestOptionNamesAreUnique(t *testing.T) {
	seen := map[string]string{}
	for _, o := range Options {
		for _, n := range append([]string{o.Name}, o.Short...) {
			if seen[n] != "" {
				t.Errorf("%s stands for %s and %s", n, seen[n], o.Name)
			}
			seen[n] = o.Name
		}
		if o.Summary == "" || o.Group == "" {
			t.Errorf("%s has no summary or group", o.Name)
		}
	}
}

// FuzzCommandLine: no command line, configuration file or environment makes the parser panic.
func FuzzCommandLine(f *testing.F) {
	f.Add("--server\x00x\x00--h-X\x00y")
	f.Add("-\x00--\x00--=\x00no-no-no-from")
	f.Fuzz(func(_ *testing.T, line string) {
		args := strings.Split(line, "\x00")
		parseArgs(args, "command line")
		parseConfig(line, "rc")
		parseEnv(args)
	})
}

// TestEquivalentsAreOfOptions: each entry of the table belongs to an option.
func TestEquivalentsAreOfOptions(t *testing.T) {
	known := map[string]bool{}
	for _, o := range Options {
		known[o.Name] = true
	}
	for name := range equivalents {
		if !known[name] {
			t.Errorf("there is no option %s", name)
		}
	}
}

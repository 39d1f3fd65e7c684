package luabind_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"smtpsh/engine/reply"
	"smtpsh/engine/tlsinfo"
	"smtpsh/luabind/all"
)

// The fields of a class in the reference exist, with the documented type, on an object as
// scripts get it.
func TestEveryFieldIsThere(t *testing.T) {
	seen := 0
	for _, class := range all.Library().Classes() {
		if len(class.Fields) == 0 {
			continue
		}
		seen++
		t.Run(class.Name, func(t *testing.T) {
			if class.Example == "" {
				t.Fatal("the row of the class has no example that makes an object")
			}
			h := newHost(t)
			h.unsafe = class.Name == "exec.Proc"
			if err := os.WriteFile(filepath.Join(h.dir, "message.eml"), []byte("Subject: x\n\nx\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			b.WriteString(class.Example + "\n")
			for _, f := range class.Fields {
				fmt.Fprintf(&b, "print(%q, type(x.%s))\n", f.Name, f.Name)
			}
			b.WriteString("print(pcall(function() return x.no_such_field end))\n")
			out, err := runWith(t, h, b.String())
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			lines := strings.Split(strings.TrimSpace(out), "\n")
			for i, f := range class.Fields {
				name, got, _ := strings.Cut(lines[i], "\t")
				if name != f.Name || !typeFits(f.Type, got) {
					t.Errorf("%s.%s is a %s, and the reference says %s", class.Name, f.Name, got, f.Type)
				}
			}
			if last := lines[len(lines)-1]; !strings.HasPrefix(last, "false") {
				t.Errorf("a field that the reference does not have is read: %s", last)
			}
		})
	}
	if seen < 10 {
		t.Fatalf("only %d classes have fields", seen)
	}
}

// typeFits reports whether a type of Lua is one that a LuaCATS type allows.
func typeFits(declared, got string) bool {
	for _, t := range strings.Split(strings.TrimSuffix(declared, "?"), "|") {
		want := "userdata"
		switch {
		case t == "integer", t == "number":
			want = "number"
		case t == "string", t == "boolean", t == "any":
			want = t
		case strings.HasPrefix(t, `"`):
			want = "string"
		case strings.HasSuffix(t, "[]"), strings.HasPrefix(t, "table<"):
			want = "table"
		}
		if got == want || want == "any" {
			return true
		}
	}
	return got == "nil" && strings.HasSuffix(declared, "?")
}

// Scripts can read all fields of the Go types for replies, TLS and certificates, except
// those listed here with a reason.
func TestEveryGoFieldHasALuaField(t *testing.T) {
	other := map[string]string{
		"Reply.Verb": "the first word of cmd", "Reply.Command": "cmd",
		"Info.VerifyError": "verify_error", "Info.KeyExchange": "key_exchange", "Info.ServerName": "server_name",
		"Cert.NotBefore": "not_before", "Cert.NotAfter": "not_after", "Cert.SelfSign": "self_signed", "Cert.KeySHA256": "key_sha256",
	}
	fields := map[string]string{}
	for _, c := range all.Library().Classes() {
		for _, f := range c.Fields {
			fields[c.Name] += " " + f.Name + " "
		}
	}
	for class, v := range map[string]any{"smtp.Reply": reply.Reply{}, "smtp.TLS": tlsinfo.Info{}, "smtp.Cert": tlsinfo.Cert{}} {
		typ := reflect.TypeOf(v)
		for i := range typ.NumField() {
			f := typ.Field(i)
			name := other[typ.Name()+"."+f.Name]
			if name == "" {
				name = strings.ToLower(f.Name)
			}
			if f.IsExported() && !strings.Contains(name, " ") && !strings.Contains(fields[class], " "+name+" ") {
				t.Errorf("%s.%s has no field %s.%s", typ.Name(), f.Name, class, name)
			}
		}
	}
}

// variables are the names that texts use for objects of these classes.
var variables = map[string][]string{
	"s": {"smtp.Session"}, "r": {"smtp.Reply", "smtp.Results"},
	"e": {"smtp.Error", "smtp.Event", "smtp.Entry"},
}

// Fields in guides and the reference exist. The static check covers scripts.
func TestFieldsInTextsExist(t *testing.T) {
	types := map[string]map[string]string{}
	for _, c := range all.Library().Classes() {
		types[c.Name] = map[string]string{}
		for _, f := range c.Fields {
			types[c.Name][f.Name] = strings.TrimSuffix(f.Type, "?")
		}
	}
	named := regexp.MustCompile(`(^|[^\w.:"/])([sre])((?:\.[a-z_]+)+)\b[^(\w]`)
	found := 0
	var texts []string
	for _, pattern := range []string{"../docs/guide/*.md", "../docs/reference/*.md", "../docs/*.md", "../README.md"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		texts = append(texts, paths...)
	}
	for _, path := range texts {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllStringSubmatch(string(b), -1) {
			found++
			fits := false
			for _, class := range variables[m[2]] {
				for _, name := range strings.Split(m[3], ".")[1:] {
					next, ok := types[class][name]
					if fits = ok; !ok {
						break
					}
					class = next
				}
				if fits {
					break
				}
			}
			if !fits {
				t.Errorf("%s names %s%s, which does not exist", path, m[2], m[3])
			}
		}
	}
	if found < 20 {
		t.Fatalf("only %d fields were found in texts", found)
	}
}

package swaks

import (
	"slices"
	"strings"
)

func (s *settings) readAuth() error {
	for _, x := range []struct {
		name string
		want want
	}{{"auth", always}, {"auth-optional", tryIt}, {"auth-optional-strict", whenOffered}} {
		g, ok := s.last[x.name]
		if !ok {
			continue
		}
		if g.has {
			for m := range strings.SplitSeq(g.value, ",") {
				s.mechanisms = append(s.mechanisms, strings.ToUpper(strings.TrimSpace(m)))
			}
		}
		s.auth = x.want
	}
	if s.auth == never && (s.on("auth-user") || s.on("auth-password")) {
		s.auth = always
	}
	s.aliases = map[string]string{}
	for _, a := range [][2]string{{"LOGIN-INITIAL", "LOGIN"}, {"SPA", "NTLM"}, {"MSN", "NTLM"}} {
		s.alias(a[0], a[1])
	}
	aliases, err := s.text("auth-map")
	if err != nil {
		return err
	}
	if aliases != "" {
		for pair := range strings.SplitSeq(aliases, ",") {
			alias, base, ok := strings.Cut(pair, "=")
			if !ok {
				return textf("Unknown auth-map format '%s'", pair)
			}
			s.alias(strings.ToUpper(alias), strings.ToUpper(base))
		}
	}
	extra, err := s.text("auth-extra")
	if err != nil {
		return err
	}
	if extra != "" && !strings.Contains(extra, "=") {
		return textf("Unknown auth-extra format '%s'", extra)
	}
	if s.auth == never || s.hello == "HELO" {
		s.auth = never
		return nil
	}
	known := s.mechanisms[:0:0]
	for _, m := range s.mechanisms {
		if supported(s.base(m)) {
			known = append(known, m)
			continue
		}
		s.env.complain(m + " is not a recognized auth type, skipping")
	}
	if len(s.mechanisms) > 0 && len(known) == 0 {
		if s.auth != always {
			s.env.complain("No auth types supported")
			s.auth = never
			return nil
		}
		return &optionError{exitNoAuth, textf("No auth types supported")}
	}
	s.mechanisms = known
	for i, name := range []string{"auth-user", "auth-password"} {
		to := []*string{&s.user, &s.password}[i]
		g, ok := s.last[name]
		v := g.value
		if (!ok || !g.has) && s.env.Netrc != nil && s.host != "" {
			if u, p, found := s.env.Netrc(s.host, s.user); found {
				v = map[string]string{"auth-user": u, "auth-password": p}[name]
				ok, g.has = true, true
			}
		}
		if !ok || !g.has {
			o, _ := find(name)
			if v, err = s.ask(o.Name, Echo(!o.Hidden)); err != nil {
				return err
			}
		}
		if v == "<>" {
			v = ""
		}
		*to = v
	}
	return nil
}

// alias adds another name of a mechanism.
func (s *settings) alias(name, base string) {
	if _, known := s.aliases[name]; !known {
		s.aliasOrder = append(s.aliasOrder, name)
	}
	s.aliases[name] = base
}

// base returns the mechanism that a name stands for.
func (s *settings) base(name string) string {
	if to, ok := s.aliases[name]; ok {
		return to
	}
	return name
}

// readXclient groups the attributes of XCLIENT: each group is one command.
func (s *settings) readXclient() error {
	var group []attribute
	end := func() {
		if len(group) > 0 {
			s.xclient = append(s.xclient, group)
			group = nil
		}
	}
	for _, g := range s.list {
		key, ok := strings.CutPrefix(g.option.Name, "xclient")
		if !ok {
			continue
		}
		if key == "-delim" {
			end()
			continue
		}
		v, err := s.argument(g, g.option.Name)
		if err != nil {
			return err
		}
		if key == "" { // a command of its own
			end()
			s.xclient = append(s.xclient, []attribute{{"", v}})
			continue
		}
		a := attribute{strings.ToUpper(strings.ReplaceAll(key[1:], "-", "_")), v}
		group = append(slices.DeleteFunc(group, func(x attribute) bool { return x.key == a.key }), a) // the last one counts
	}
	end()
	return nil
}

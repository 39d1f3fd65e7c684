package docgen

import (
	"bytes"
	"fmt"
	"strings"

	"smtpsh/engine/reply"
	"smtpsh/engine/saslmech"
	"smtpsh/engine/verb"
	"smtpsh/internal/cli"
	"smtpsh/internal/dialogue"
	"smtpsh/internal/lessons"
	"smtpsh/internal/load"
	"smtpsh/internal/sandbox"
	"smtpsh/luabind/all"
	"smtpsh/luabind/docs"
	"smtpsh/repl"
	"smtpsh/scripts"
)

const generated = "Generated from the program's own tables by `go generate ./...`; do not edit.\n"

// Page is one file; its name is relative to docs/reference.
type Page struct {
	Name string
	Text []byte
}

// Pages writes all pages.
func Pages() ([]Page, error) {
	var lua, meta bytes.Buffer
	if err := docs.WriteMarkdown(&lua, all.Library()); err != nil {
		return nil, err
	}
	if err := docs.WriteLuaCATS(&meta, all.Library()); err != nil {
		return nil, err
	}
	situations, err := situationsPage()
	if err != nil {
		return nil, err
	}
	json, err := jsonPage()
	if err != nil {
		return nil, err
	}
	return []Page{
		{"codes.md", codesPage()},
		{"verbs.md", verbsPage()},
		{"extensions.md", extensionsPage()},
		{"mechanisms.md", mechanismsPage()},
		{"lua.md", lua.Bytes()},
		{"smtpsh.lua", meta.Bytes()},
		{"prompt.md", promptPage()},
		{"commands.md", commandsPage()},
		{"sandbox.md", situations},
		{"scripts.md", scriptsPage()},
		{"dialogues.md", dialoguesPage()},
		{"load.md", loadPage()},
		{"reach.md", reachPage()},
		{"json.md", json},
		{"../glossary.md", glossaryPage()},
	}, nil
}

// cell escapes a text for a table.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", "<br>", "<", "&lt;", ">", "&gt;").Replace(s)
}

// reachPage lists what scripts can use on the machine.
func reachPage() []byte {
	var b bytes.Buffer
	b.WriteString("# What a script may reach\n\n" + generated + `
All the ways in which a script, a test or a dialogue reaches the machine or the network,
and what limits them when --unsafe is not given. What is not here, a script cannot do: it
has no io, no os.execute, no debug, and no way to write files but transcript:save.

| functions | reach | limits | test |
|---|---|---|---|
`)
	for _, x := range all.Library().Touches() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", "`"+strings.Join(x.Functions, "`, `")+"`", cell(x.What), cell(x.Limit),
			"`"+strings.ReplaceAll(x.Test, ", ", "`, `")+"`")
	}
	b.WriteString("\nWith --unsafe a script has io, os.execute and the like, and exec, and all of the limits above are lifted. What the " +
		"person at the prompt types is not limited either.\n")
	return b.Bytes()
}

func codesPage() []byte {
	var b bytes.Buffer
	b.WriteString("# Reply codes\n\n" + generated + "\n## Basic codes\n\n")
	for _, s := range reply.Statuses() {
		fmt.Fprintf(&b, "### %d %s\n\n%s\n\n- reply to: %s\n- usual cause: %s\n- try: %s\n- defined: %s (%s)\n\n"+
			"", s.Code, s.Name, cell(s.Meaning),
			cell(s.Heard), cell(s.Cause), cell(s.Try), s.RFC, s.Standing)
	}
	b.WriteString("## Enhanced status codes\n\nThe first number is the class, the second the subject, the third the detail (RFC 3463).\n\n" +
		"| class | | what it means | try |\n|---|---|---|---|\n")
	for _, s := range reply.EnhancedClasses() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", s.Code, s.Name, cell(s.Meaning), cell(s.Try))
	}
	b.WriteString("\n| subject | | what it means |\n|---|---|---|\n")
	for _, s := range reply.EnhancedSubjects() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", s.Code, s.Name, cell(s.Meaning))
	}
	b.WriteString("\n| code | name | with | what it means | usual cause | try | defined |\n|---|---|---|---|---|---|---|\n")
	for _, s := range reply.EnhancedStatuses() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", s.Code, cell(s.Name), s.Basic, cell(s.Meaning), cell(s.Cause), cell(s.Try),
			s.RFC)
	}
	b.WriteString("\n## Defects of replies\n\nWhat the session reports as a finding.\n\n")
	for _, k := range reply.DefectKinds() {
		fmt.Fprintf(&b, "- %s (%s)\n", k, k.RFC())
	}
	return b.Bytes()
}

func verbsPage() []byte {
	var b bytes.Buffer
	b.WriteString("# Verbs and parameters\n\n" + generated)
	for _, v := range verb.Verbs() {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n    %s\n\n- when: %s\n", v.Name, cell(v.Explain), v.Syntax, v.Phases)
		if v.Extension != "" {
			fmt.Fprintf(&b, "- needs: %s\n", v.Extension)
		}
		fmt.Fprintf(&b, "- usual replies: %s\n- pipelined: %s\n- try: %s\n- defined: %s\n",
			strings.Trim(fmt.Sprint(append(append([]int(nil), v.OK...), v.Fail...)), "[]"), v.Group, cell(v.Try), v.RFC)
		for _, p := range verb.ParamsOf(v.Name) {
			fmt.Fprintf(&b, "- parameter `%s` (%s): %s. %s\n", p.Form, p.Extension, cell(p.Summary), p.RFC)
		}
	}
	return b.Bytes()
}

func extensionsPage() []byte {
	var b bytes.Buffer
	b.WriteString("# Extensions\n\nThe keywords of EHLO replies. " + generated + "\n| keyword | what it does | adds | try | standing | " +
		"defined |\n|---|---|---|---|---|---|\n")
	for _, e := range verb.Extensions() {
		standing := e.Standing
		if e.Registered {
			standing += ", registered"
		}
		adds := strings.Join(append(append([]string(nil), e.Verbs...), e.Params...), ", ")
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", e.Keyword, cell(e.Explain), cell(adds), cell(e.Try), standing, cell(e.RFC))
	}
	return b.Bytes()
}

func mechanismsPage() []byte {
	var b bytes.Buffer
	b.WriteString("# SASL mechanisms\n\nThe ways to log in that AUTH names. " + generated)
	for _, m := range saslmech.Catalogue() {
		spoken := "supported"
		if !m.Spoken {
			spoken = "only explained"
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n- exchange: %s\n- initial response: %s\n- example: `%s`\n- Gmail: %s\n- try: %s\n- %s; %s; %s\n",
			m.Name, cell(m.Explain), cell(m.Exchange), cell(m.Initial), m.Example, m.Gmail, cell(m.Try), spoken, m.Standing, m.RFC)
	}
	return b.Bytes()
}

func promptPage() []byte {
	var b bytes.Buffer
	b.WriteString("# The prompt's commands\n\n" + generated + "\nEvery line without a colon goes to the server as it was typed. Four " +
		"verbs are helped with, because their second half is not a line: after the 220 to STARTTLS the handshake follows; AUTH with a " +
		"mechanism alone asks for name and password (at a terminal; from a pipe it goes out and the next lines are the responses); DATA " +
		"takes a message up to a lone dot; BDAT takes as many bytes as it announces.\n")
	group := ""
	for _, c := range repl.Commands() {
		if c.Group != group {
			group = c.Group
			fmt.Fprintf(&b, "\n## %s\n", group)
		}
		fmt.Fprintf(&b, "\n### `%s`\n\n%s. %s\n", c.Usage(), strings.ToUpper(c.Summary[:1])+c.Summary[1:], c.Detail)
		if len(c.Names) > 1 {
			fmt.Fprintf(&b, "\nAlso `:%s`.\n", strings.Join(c.Names[1:], "`, `:"))
		}
		if c.Example != "" {
			fmt.Fprintf(&b, "\n```\n%s\n```\n", c.Example)
		}
	}
	b.WriteString("\n## Settings\n\n| `:set` | values | |\n|---|---|---|\n")
	for _, s := range repl.Settings() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.Name, cell(s.Values), cell(s.Summary))
	}
	b.WriteString("\n## The course\n\n`smtpsh learn` holds these lessons; [writing a lesson](../guide/writing-a-lesson.md) tells how to " +
		"add one.\n\n")
	for _, l := range lessons.Entries() {
		fmt.Fprintf(&b, "%d. `%s`: %s\n", l.Number, l.Name, l.Title)
	}
	return b.Bytes()
}

func commandsPage() []byte {
	return append([]byte("# The command line\n\n"+generated), cli.Reference()...)
}

func situationsPage() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("# The sandbox\n\n" + generated + "\nAn address whose local part is the key of a situation brings it about, where its " +
		"reply is a refusal. Any other well-formed address is accepted, where the service serves its domain or the client has logged in.\n")
	names, summaries := sandbox.ProfileNames()
	for i, name := range names {
		p, err := sandbox.LookupProfile(name)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s.\n\n", name, strings.ToUpper(summaries[i][:1])+summaries[i][1:])
		if p.Detail != "" {
			b.WriteString(p.Detail + "\n\n")
		}
		for _, d := range p.Services {
			fmt.Fprintf(&b, "- service `%s`, like port %d of %s\n", d.Name, d.Port, d.Host)
		}
		if strings.HasPrefix(name, "gmail-") {
			if err := otherYears(&b, p); err != nil {
				return nil, err
			}
			continue // the same accounts
		}
		if name == "lmtp" {
			continue // the same accounts and situations
		}
		b.WriteString("\n| account | password or token | |\n|---|---|---|\n")
		for _, a := range p.Accounts {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", a.User, cell(strings.Join(a.Credentials(), "; ")), cell(a.Note))
		}
		b.WriteString("\n| key | stage | situation | reply | evidence |\n|---|---|---|---|---|\n")
		for _, s := range p.Situations() {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", s.Key, s.Stage, cell(s.When), cell(s.Reply),
				cell(strings.TrimSpace(s.Evidence+" "+s.Seen)))
		}
	}
	b.WriteString("\n## Flaws\n\nFaults that a profile can be given, as in `strict+open-relay`.\n\n")
	for _, f := range sandbox.Flaws() {
		fmt.Fprintf(&b, "- `%s`: %s\n", f.Name, cell(f.Summary))
	}
	b.WriteString("\nEvidence: W seen on the wire in a public transcript, D documented by Google, U unverified; \"U, seen\" is a wording " +
		"that was seen in other years only.\n")
	return b.Bytes(), nil
}

// otherYears lists the replies of a dated profile that differ from today's.
func otherYears(b *bytes.Buffer, p *sandbox.Profile) error {
	gmail, err := sandbox.LookupProfile("gmail")
	if err != nil {
		return err
	}
	now := map[string]string{}
	for _, s := range gmail.Situations() {
		now[s.Key] = s.Reply
	}
	var gone []string
	b.WriteString("\nThe accounts and the other replies are those of `gmail`.\n\n| key | stage | reply | evidence |\n|---|---|---|---|\n")
	for _, s := range p.Situations() {
		if s.Reply != now[s.Key] {
			fmt.Fprintf(b, "| %s | %s | %s | %s |\n", s.Key, s.Stage, cell(s.Reply), cell(strings.TrimSpace(s.Evidence+" "+s.Seen)))
		}
		delete(now, s.Key)
	}
	for _, s := range gmail.Situations() {
		if _, ok := now[s.Key]; ok {
			gone = append(gone, "`"+s.Key+"`")
		}
	}
	if len(gone) > 0 {
		fmt.Fprintf(b, "\nNot known in these years: %s.\n", strings.Join(gone, ", "))
	}
	return nil
}

func dialoguesPage() []byte {
	var b bytes.Buffer
	b.WriteString("# Words of dialogues\n\n" + generated + "\nLines of a dialogue that begin with a colon. The guide to dialogues tells " +
		"the rest.\n\n")
	for _, w := range dialogue.Words() {
		fmt.Fprintf(&b, "- `%s`: %s\n", strings.TrimSpace(":"+w[0]+" "+w[1]), w[2])
	}
	return b.Bytes()
}

func loadPage() []byte {
	var b bytes.Buffer
	b.WriteString("# Measures of a load\n\n" + generated + "\n`smtpsh load SCRIPT --expect 'METRIC<VALUE'` sets the exit status. Beside " +
		"`<` there are `<=`, `>`, `>=` and `=`.\n" +
		"Latencies are compared with times such as `200ms` or `1.5s`.\n\n| metric | |\n|---|---|\n")
	for _, m := range load.Metrics() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", m[0], cell(m[1]))
	}
	b.WriteString("\nA LATENCY is a verb, such as `rcpt`, with `dot` for the end of a message, or one of these:\n\n| latency | |\n|---|---|\n")
	for _, m := range load.LatencyNames() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", m[0], cell(m[1]))
	}
	return b.Bytes()
}

func scriptsPage() []byte {
	var b bytes.Buffer
	b.WriteString("# Bundled scripts\n\n" + generated + "\nThose whose usage says `smtpsh load` put load on a server; `smtpsh run` makes " +
		"one run of them.\n")
	for _, s := range scripts.All() {
		fmt.Fprintf(&b, "\n## %s\n\n%s.\n\n    %s\n\nNeeds: %s.\n", s.Name, strings.ToUpper(s.Summary[:1])+s.Summary[1:], s.Usage, s.Needs)
	}
	b.WriteString("\n# Bundled suites\n\nRun one with `smtpsh test NAME`.\n")
	for _, name := range scripts.SuiteNames() {
		fmt.Fprintf(&b, "\n## %s\n\n", name)
		for _, f := range scripts.Suite(name) {
			first, _, _ := strings.Cut(string(f.Source), "\n")
			fmt.Fprintf(&b, "- `%s`: %s\n", f.Name, strings.TrimSpace(strings.TrimLeft(first, "-# ")))
		}
	}
	return b.Bytes()
}

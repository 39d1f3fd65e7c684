package docgen

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"smtpsh/engine/reply"
	"smtpsh/engine/saslmech"
	"smtpsh/engine/verb"
	"smtpsh/internal/cli"
	"smtpsh/internal/dialogue"
	"smtpsh/internal/lessons"
	"smtpsh/internal/load"
	"smtpsh/internal/sandbox"
	"smtpsh/internal/swaks"
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
		{"swaks.md", swaksPage()},
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

// cell makes a text fit for a table.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", "<br>", "<", "&lt;", ">", "&gt;").Replace(s)
}

// reachPage lists what scripts can reach on the machine.
func reachPage() []byte {
	var b bytes.Buffer
	b.WriteString("# What a script may reach\n\n" + generated + `
This table lists all ways in which a script, a test or a dialogue reaches the machine or the
network, and the limits without ` + "`--unsafe`" + `. There is no other way: a script has no io, no
os.execute and no debug, and writes files only with transcript:save. The last column names the
test that checks the limit.

| functions | reach | limits | test |
|---|---|---|---|
`)
	for _, x := range all.Library().Touches() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", "`"+strings.Join(x.Functions, "`, `")+"`", cell(x.What), cell(x.Limit),
			"`"+strings.ReplaceAll(x.Test, ", ", "`, `")+"`")
	}
	b.WriteString("\nWith `--unsafe` a script also has io, os.execute, exec and similar functions, and none of these limits apply. " +
		"Lua that the user types at the prompt is not limited either.\n")
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
	b.WriteString("\n## Defects of replies\n\nThe session reports these violations of the RFCs as findings.\n\n")
	for _, k := range reply.DefectKinds() {
		fmt.Fprintf(&b, "- %s (%s)\n", k, k.RFC())
	}
	return b.Bytes()
}

func verbsPage() []byte {
	var b bytes.Buffer
	b.WriteString("# Verbs and parameters\n\n" + generated + "\nA verb is the first word of an SMTP command. \"Pipelined: anywhere\" " +
		"means that more commands may follow it before its reply. \"Last\" means that it must be the last command of a group " +
		"(RFC 2920 section 3.1).\n")
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
	b.WriteString("# Extensions\n\n" + generated + "\nIn its reply to EHLO, a server lists the extensions that it offers, " +
		"one keyword per line.\n\n| keyword | what it does | adds | try | standing | " +
		"defined |\n|---|---|---|---|---|---|\n")
	for _, e := range verb.Extensions() {
		standing := e.Standing
		if e.Registered {
			standing += ", registered"
		}
		adds := append([]string(nil), e.Verbs...)
		for _, p := range e.Params {
			if slices.Contains(e.Verbs, p) {
				p += "= (parameter)"
			}
			adds = append(adds, p)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", e.Keyword, cell(e.Explain), cell(strings.Join(adds, ", ")),
			cell(e.Try), standing, cell(e.RFC))
	}
	return b.Bytes()
}

func swaksPage() []byte {
	var b bytes.Buffer
	b.WriteString("# Options of swaks\n\n" + generated + "\n`smtpsh swaks` accepts these options. The last column has what to write in " +
		"`smtpsh send` instead.\n\n| option | other names | argument | what it does | in send |\n|---|---|---|---|---|\n")
	for _, o := range swaks.Options {
		argument := [...]string{"", "optional", "required"}[o.Arg]
		fmt.Fprintf(&b, "| `--%s` | %s | %s | %s | %s |\n", o.Name, cell(strings.Join(o.Short, ", ")), argument, cell(o.Summary),
			cell(swaks.Equivalent(o.Name)))
	}
	return b.Bytes()
}

func mechanismsPage() []byte {
	var b bytes.Buffer
	b.WriteString("# SASL mechanisms\n\n" + generated + "\nA mechanism is a way to log in. The client names it in the AUTH command.\n")
	for _, m := range saslmech.Catalogue() {
		use := "supported"
		if !m.Spoken {
			use = "not supported, only explained"
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n- exchange: %s\n- initial response: %s\n- example: `%s`\n- Gmail: %s\n- try: %s\n- %s; %s; %s\n",
			m.Name, cell(m.Explain), cell(m.Exchange), cell(m.Initial), m.Example, m.Gmail, cell(m.Try), use, m.Standing, m.RFC)
	}
	return b.Bytes()
}

func promptPage() []byte {
	var b bytes.Buffer
	b.WriteString("# The prompt's commands\n\n" + generated + "\nA line that begins with a colon is a command of smtpsh. " +
		"A line that begins with `=` is Lua, with the session as `s`. Every other line is sent to the server as typed, unless it has more " +
		"than 512 bytes (more with some extensions): `:raw` sends such a line. Four SMTP commands continue after their line:\n\n" +
		"- `STARTTLS`: after the reply 220, smtpsh does the TLS handshake.\n" +
		"- `AUTH MECHANISM`: on a terminal, smtpsh asks for user name and password. From a pipe, it sends the line, and the next lines " +
		"are the responses.\n" +
		"- `DATA`: the next lines are the message, up to a line that has only a dot.\n" +
		"- `BDAT N`: the next N bytes are the chunk.\n")
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
	b.WriteString("\n## The course\n\n`smtpsh learn` has these lessons. [Writing a lesson](../guide/writing-a-lesson.md) explains how " +
		"to add one.\n\n")
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
	b.WriteString("# The sandbox\n\n" + generated + "\nThe sandbox is the built-in server. A profile sets how it behaves: it has services " +
		"(each listens on its own port), accounts, and situations. A situation is a case in which the server sends a certain reply.\n\n" +
		"To cause a situation whose reply is a rejection, use its key as the local part of an address: " +
		"`RCPT TO:<mailbox-full@sandbox.test>` gets the reply for a full mailbox. Any other well-formed address is accepted if the " +
		"service serves its domain or the client has logged in.\n\n" +
		"The column \"evidence\" shows how well a reply is known: W was seen on the wire in a public transcript, D is documented by " +
		"Google, U is unverified. \"U, seen\" is a wording that was seen only in other years.\n")
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
	b.WriteString("\n## Faults\n\nAdd a fault to a profile with a plus sign, as in `strict+open-relay`.\n\n")
	for _, f := range sandbox.Flaws() {
		fmt.Fprintf(&b, "- `%s`: %s\n", f.Name, cell(f.Summary))
	}
	b.WriteString("\n## Features\n\nThese are added in the same way, and are no faults.\n\n")
	for _, f := range sandbox.Features() {
		fmt.Fprintf(&b, "- `%s`: %s\n", f.Name, cell(f.Summary))
	}
	return b.Bytes(), nil
}

// otherYears lists the replies in which a profile of an earlier year differs from gmail.
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
		fmt.Fprintf(b, "\nThese years have no reply for: %s.\n", strings.Join(gone, ", "))
	}
	return nil
}

func dialoguesPage() []byte {
	var b bytes.Buffer
	b.WriteString("# Words of dialogues\n\n" + generated + "\nIn a dialogue, a line that begins with a colon is a command to smtpsh. " +
		"[Dialogues](../guide/dialogues.md) explains the other lines.\n\n")
	for _, w := range dialogue.Words() {
		fmt.Fprintf(&b, "- `%s`: %s\n", strings.TrimSpace(":"+w[0]+" "+w[1]), w[2])
	}
	return b.Bytes()
}

func loadPage() []byte {
	var b bytes.Buffer
	b.WriteString("# Measures of a load\n\n" + generated + "\nWith `smtpsh load SCRIPT --expect 'METRIC<VALUE'`, the exit status is 1 if " +
		"the expectation is not met.\nThe operators are `<`, `<=`, `>`, `>=` and `=`. " +
		"A latency is compared with a time, such as `200ms` or `1.5s`.\n\n| metric | |\n|---|---|\n")
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
	b.WriteString("# Bundled scripts\n\n" + generated + "\nThe scripts whose usage is `smtpsh load` put load on a server. " +
		"`smtpsh run` runs such a script once.\n")
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

package sandbox_test

import (
	"strings"
	"testing"
)

// gmailDialogues cause the situations that no address can cause: of the greeting, EHLO,
// STARTTLS, the order of commands and the limits.
var gmailDialogues = []struct{ name, service, text string }{
	{"EHLO without a name", "submission", "C: EHLO\nS: 501-5.5.4 Empty HELO/EHLO argument not allowed, closing connection.\nS: closed"},
	{"EHLO with an invalid name", "mx", "C: EHLO a b\nS: 501-5.5.4 HELO/EHLO argument \"a b\" invalid, closing connection.\nS: closed"},
	{"the relay rejects localhost", "relay", "C: EHLO localhost\nS: 421-4.7.0 Try again later, closing connection. (EHLO)\nS: closed"},
	{"the relay rejects address literals", "relay", "C: EHLO [127.0.0.1]\nS: 421-4.7.0\nS: closed"},
	{
		"submission accepts localhost and literals", "submission",
		"C: EHLO localhost\nS: 250-smtp.gmail.com at your service\nC: EHLO [127.0.0.1]\nS: 250-smtp.gmail.com",
	},
	{"STARTTLS with an argument", "submission", "C: EHLO x\nS: 250\nC: STARTTLS now\nS: 501 5.7.11 Syntax error (no parameters allowed)"},
	{"pipelining after STARTTLS", "submission", "C: EHLO x\nS: 250\nC> STARTTLS\\r\\nEHLO y\\r\\n\nS: 523 5.7.10\nC: NOOP\nS: 250 2.0.0 OK"},
	{"STARTTLS twice", "submission", "C: STARTTLS!\nC: STARTTLS\nS: 454 5.5.1 STARTTLS may not be repeated."},
	{"AUTH before TLS", "submission", "C: EHLO x\nS: 250\nC: AUTH LOGIN\nS: 530-5.7.0 Must issue a STARTTLS command first."},
	{"the MX does not offer AUTH", "mx", "C: EHLO x\nS: 250\nC: AUTH LOGIN\nS: 502 5.5.1 Unimplemented command."},
	{
		"rejects mail commands before TLS", "submission",
		"C: EHLO x\nS: 250\nC: RCPT TO:<a@b>\nS: 530-5.7.0\nC: DATA\nS: 530-5.7.0\nC: MAIL whatever\nS: 530-5.7.0",
	},
	{"MAIL before EHLO", "mx", "C: MAIL FROM:<a@example.com>\nS: 503 5.5.1 Bad sequence of commands."},
	{"RCPT before MAIL", "mx", "C: EHLO x\nS: 250\nC: RCPT TO:<a@gmail.com>\nS: 503-5.5.1 MAIL first."},
	{"DATA before RCPT", "mx", "C: EHLO x\nS: 250\nC: MAIL FROM:<a@example.com>\nS: 250\nC: DATA\nS: 503-5.5.1 RCPT first."},
	{
		"DATA after BDAT", "mx",
		"C: EHLO x\nS: 250\nC: MAIL FROM:<a@example.com>\nS: 250\nC: RCPT TO:<a@gmail.com>\nS: 250\nC: BDAT 3\nC> abc\nS: 250 2.0.0 OK\nC: " +
			"DATA\nS: 503 5.5.1 No DATA after BDAT.",
	},
	{"rejects paths without angle brackets", "mx", "C: EHLO x\nS: 250\nC: mail from: zzz\nS: 555-5.5.2 Syntax error, cannot decode response."},
	{"invalid sender", "mx", "C: EHLO x\nS: 250\nC: MAIL FROM:<a..b@example.com>\nS: 553 5.1.7 The sender address <a..b@example.com>"},
	{
		"invalid recipient", "mx",
		"C: EHLO x\nS: 250\nC: MAIL FROM:<>\nS: 250\nC: RCPT TO:<a..b@gmail.com>\nS: 553 5.1.3 The recipient address <a..b@gmail.com>",
	},
	{"accepts a space after the colon", "mx", "C: EHLO x\nS: 250\nC: MAIL FROM: <a@example.com>\nS: 250 2.1.0 OK"},
	{"other commands", "mx", "C: NOOP\nS: 250 2.0.0 OK\nC: RSET\nS: 250 2.1.5 Flushed\nC: VRFY a\nS: 252 2.1.5 Send some mail, I'll try my best\nC: EXPN a\nS: 502 5.5.1 Unimplemented command.\nC: HELP\nS: 214 2.0.0  https://www.google.com/search\nC: XYZZY\nS: 502 5.5.1 Unrecognized command."},
	{
		"too many unknown commands", "mx",
		strings.Repeat("C: XYZZY\nS: 502 5.5.1 Unrecognized\n", 20) + "C: XYZZY\nS: 502 5.5.1 Too many unrecognized commands, goodbye.\nS: " +
			"closed",
	},
	{
		"too many commands without login", "submission",
		strings.Repeat("C: NOOP\nS: 250\n", 50) + "C: NOOP\nS: 554 5.7.0 Too Many Unauthenticated commands.\nS: closed",
	},
	{"a second login", "submissions", "C: EHLO x\nS: 250\n" + login + "\nC: AUTH LOGIN\nS: 503 5.7.0 No identity changes permitted."},
	{
		"the MX rejects relaying", "mx",
		"C: EHLO x\nS: 250\nC: MAIL FROM:<a@example.com>\nS: 250\nC: RCPT TO:<victim@elsewhere.test>\nS: 550 5.7.1",
	},
	{"EHLO by name", "mx", "C: EHLO server-busy.example\nS: 421 4.4.5 Server busy, try again later.\nS: closed"},
}

func TestGmailDialogues(t *testing.T) {
	s := start(t, "gmail")
	for _, d := range gmailDialogues {
		t.Run(d.name, func(t *testing.T) {
			dial(t, s, d.service).dialogue(s, "S: 220\n"+d.text)
		})
	}
}

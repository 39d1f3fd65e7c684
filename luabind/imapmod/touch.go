package imapmod

import "smtpsh/luabind"

var imapTouches = []luabind.Touch{
	{
		Functions: []string{"imap.open"},
		What:      "TCP connections to any host, to read mailboxes by IMAP",
		Limit:     "load contacts only hosts that the user named; the password is sent only over verified TLS",
		Test:      "TestControl",
		Files:     []string{"imap.go"},
	},
}

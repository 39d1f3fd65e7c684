package servermod

import "smtpsh/luabind"

var serverTouches = []luabind.Touch{
	{
		Functions: []string{"smtp.listen"},
		What:      "TCP ports and unix sockets to listen on",
		Limit:     "loopback addresses, and sockets in the script's folder; others with --allow-listen and --allow-unix",
		Test:      "TestReach",
		Files:     []string{"listen.go", "server.go", "reach.go"},
	},
}

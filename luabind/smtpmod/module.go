package smtpmod

import (
	"slices"

	"smtpsh/luabind"
)

// Module is the module for sessions, replies and transcripts.
var Module = &luabind.Module{
	Name: "smtp", Doc: "Sessions with servers, replies and transcripts.",
	Funcs:   slices.Concat(smtpFuncs, serverPeople, sessionVerbs, sessionRaw, sessionMore, transcriptFuncs, replyFuncs),
	Classes: []luabind.Class{replyClass, sessionClass, tlsClass, certClass, eventClass, transcriptClass, entryClass, correspondentsClass},
	Options: []luabind.Class{
		ConnectOpts, openOpts, AuthOpts, textOpts, WantOpts, sendOpts, dataOpts,
		bdatOpts, starttlsOpts, writeOpts, playOpts,
	},
	Fields:  map[string][]luabind.Field{"smtp.Error": errorFields},
	Touches: smtpTouches,
	New:     newSMTPState, Leftover: leftover, Leave: leaveSessions,
	Error: engineError,
}

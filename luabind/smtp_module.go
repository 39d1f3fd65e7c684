package luabind

import "slices"

// SMTPModule is the module of sessions, replies and transcripts.
var SMTPModule = &Module{
	Name: "smtp", Doc: "Sessions with servers, their replies and transcripts.",
	Funcs:   slices.Concat(smtpFuncs, serverPeople, sessionVerbs, sessionRaw, sessionMore, transcriptFuncs, replyFuncs),
	Classes: []Class{replyClass, sessionClass, tlsClass, certClass, eventClass, transcriptClass, entryClass, correspondentsClass},
	Options: []Class{connectOpts, openOpts, authOpts, textOpts, wantOpts, sendOpts, dataOpts, bdatOpts, starttlsOpts, writeOpts, playOpts},
	Fields:  map[string][]Field{"smtp.Error": errorFields},
	Touches: smtpTouches,
	New:     newSMTPState, Leftover: leftover, Leave: leaveSessions,
	Error: engineError,
}

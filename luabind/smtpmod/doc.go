// Package smtpmod is the Lua module of SMTP sessions: smtp.connect and its relatives, the
// verbs of a session, replies and conditions on them, dialogues, transcripts.
//
// Each verb is one row and one exchange of the engine (exchange); replies of any code are
// values. An error object gets what it has of a session with [Details].
package smtpmod

// Package smtpmod is the Lua module for SMTP sessions: smtp.connect and related functions,
// the verbs of a session, replies and conditions on them, dialogues, transcripts. Begin
// with [Module].
//
// Each verb is one row and one exchange of the engine (exchange). Replies of any code are
// values. [Details] has the session data of an error object.
package smtpmod

// Package mailmod is the Lua module of messages: composed for sending (mail.message), and
// read (mail.parse). Sending them is a matter of sessions.
package mailmod

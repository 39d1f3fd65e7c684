// Package hostile tests that no misbehaving server can harm the client.
//
// A case is a line of cases.txt: one fault of the server, the task of the client, and the
// checks for this case. Some checks apply to every case: the run ends in time and uses
// little memory, prints no control bytes and no secret, and reports a message as sent only
// if the server has accepted it. The tests run the built program against each server from a
// script, from a test file and from the piped prompt. A naive client shows that the cases
// can fail. Begin with case.go.
package hostile

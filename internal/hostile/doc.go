// Package hostile is a battery of servers that no client should be hurt by.
//
// A case is a line of cases.txt: what a server does that otherwise behaves, what the
// client is asked to do, and what must hold besides what always must: the run ends in
// time and in little memory, prints no control bytes and no secret, and claims to
// have sent a message only if the server has taken it. The battery runs the built
// program against each server, from a script, from a test file and from the piped
// prompt; a naive client, of the kind that is written in an afternoon, shows that the
// cases can fail.
package hostile

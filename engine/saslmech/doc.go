// Package saslmech holds the SASL mechanisms that SMTP AUTH (RFC 4954) can
// run, client and server side, behind go-sasl's interfaces.
//
// [Lookup] finds a [Mechanism] by name and [Choose] takes the strongest one
// that a server offered and the [Credentials] can serve. A mechanism's client
// never leaves a session half-way: failure challenges of the token mechanisms
// are answered so that the server's final reply can be read, and [Finished]
// says whether the server has proved what it had to prove (SCRAM's server
// signature), which a 235 alone does not.
//
// [NewServer] makes the server side for tests and for the built-in server.
//
// [Catalogue] describes every mechanism seen at SMTP servers in plain words,
// also those that are not supported.
//
// PLAIN, EXTERNAL and ANONYMOUS are go-sasl's own; SCRAM stands on
// xdg-go/scram; LOGIN, CRAM-MD5, XOAUTH2 and OAUTHBEARER are ours because the
// ones at hand are missing or lose step with real servers.
package saslmech

// Package saslmech has the SASL mechanisms of SMTP AUTH (RFC 4954) for client and server,
// with the interfaces of go-sasl.
//
// [Lookup] finds a [Mechanism] by name. [Choose] returns the strongest one that a server
// offers and that fits the [Credentials]. The client of a mechanism always completes the
// exchange: it answers the failure challenges of the token mechanisms, so that the server's
// final reply can be read. [Finished] reports whether the server has proved what it must
// prove (SCRAM's server signature), which a 235 alone does not.
//
// [NewServer] makes the server side for tests and for the sandbox.
//
// [Catalogue] describes every mechanism that SMTP servers are known to offer, also those
// that are not supported.
//
// PLAIN, EXTERNAL and ANONYMOUS are those of go-sasl, SCRAM uses xdg-go/scram, and the client
// of NTLM uses Azure/go-ntlmssp. LOGIN, CRAM-MD5, DIGEST-MD5, XOAUTH2, OAUTHBEARER and the
// server of NTLM are implemented here, because existing libraries lack them or lose step with
// real servers. Begin with Choose.
package saslmech

// Package tlsinfo describes a TLS connection and its certificates in plain
// words.
//
// Begin with [Describe]. It turns a tls.ConnectionState into an [Info] to print:
// version, cipher suite, key exchange, the chain with names and dates, and whether
// the peer was verified. [Explain] describes why a handshake or a verification
// failed, and [Advise] returns what to try next. Names in certificates are
// untrusted: escape control bytes before you print them.
package tlsinfo

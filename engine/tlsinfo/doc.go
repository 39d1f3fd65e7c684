// Package tlsinfo describes a TLS connection and its certificates in plain words.
//
// Begin with [Describe]. It makes an [Info] from a tls.ConnectionState: version, cipher
// suite, key exchange, the chain with names and dates, and whether the server was verified.
// [Explain] describes why a handshake or a verification failed, and [Advise] returns what
// to try next. Names in certificates are untrusted: escape control bytes before you print
// them.
package tlsinfo

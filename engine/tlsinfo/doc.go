// Package tlsinfo describes a TLS connection and its certificates in plain
// words.
//
// [Describe] turns a tls.ConnectionState into an [Info] that can be printed:
// version, cipher suite, key exchange, the chain with names and days left,
// whether the peer was verified. [Explain] says why a handshake or a
// verification failed, and [Advise] what to try next. Names from certificates
// are the peer's words: whoever prints them escapes control bytes.
package tlsinfo

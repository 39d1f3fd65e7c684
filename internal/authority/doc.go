// Package authority makes throw-away certificate authorities and certificates.
//
// The built-in server uses one for its TLS, so that sessions with it are
// verified like any other; tests use it to make good and bad certificates. Keys
// are ECDSA P-256 and live in memory; nothing here is meant to protect
// anything.
package authority

// Package authority makes temporary certificate authorities and certificates. Begin with
// [New].
//
// The sandbox uses one for its TLS, so that sessions with it are verified like others.
// Tests use it to make good and bad certificates. Keys are ECDSA P-256 and exist only in
// memory; they must not protect anything of value.
package authority

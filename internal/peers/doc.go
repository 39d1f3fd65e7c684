// Package peers runs real mail servers for tests: Postfix with three services
// (submission with STARTTLS, implicit TLS, MX), Dovecot after it for SASL
// and LMTP, and Dovecot's own submission service for EXTERNAL. Everything lives in
// one temporary directory, on free ports of 127.0.0.1, and is gone when the test
// ends.
//
// The servers come from Debian's packages postfix, dovecot-core, dovecot-lmtpd
// and dovecot-submissiond, and Postfix has to be started by root. Where they
// cannot run, Start skips the test and says why; with SMTPSH_PEERS=required, as in
// continuous integration, that is a failure.
package peers

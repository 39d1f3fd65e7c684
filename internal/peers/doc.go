// Package peers runs real mail servers for tests: Postfix with three services (submission
// with STARTTLS, implicit TLS, MX), Dovecot for its SASL and LMTP, and Dovecot's own
// submission service for EXTERNAL. They use one temporary directory and free ports of
// 127.0.0.1, and are removed at the end of the test.
//
// The servers are those of Debian's packages postfix, dovecot-core, dovecot-lmtpd and
// dovecot-submissiond. Root must start Postfix. If they cannot run, Start skips the test
// with the reason. With SMTPSH_PEERS=required, as in continuous integration, that is a
// failure.
package peers

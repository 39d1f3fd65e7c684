// Package eventtest checks observers against the rules of package event, as
// testing/slogtest does for log handlers. An observer must not keep the memory of an event,
// must accept unknown kinds and empty events, and must show no secret.
package eventtest

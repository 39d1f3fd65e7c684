// Package eventtest checks observers against the rules of package event, as
// testing/slogtest does for log handlers: an observer must keep nothing that it
// was lent, must not be put off by unknown kinds or empty events, and must let
// no secret through.
package eventtest

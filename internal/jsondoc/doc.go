// Package jsondoc describes the JSON keys of a structure from its tags. The reference page of
// the JSON files that smtpsh writes is generated from it. Begin reading at [Keys].
package jsondoc

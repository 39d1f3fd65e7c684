package transcript

import "testing"

// The remarks that this package writes, and those of earlier versions, are recognized.
func TestOmissionsAreRecognized(t *testing.T) {
	for _, remark := range []string{
		contentOmitted(900), replyOmitted(12, 3000), linesOmitted(5), onlyLast(8, 37),
		"5 lines were left out here", "900 more octets of the message are not shown",
		"12 more lines, 3000 octets of the reply are not shown",
	} {
		if !IsOmission(remark) {
			t.Errorf("%q is not recognized", remark)
		}
	}
	for _, line := range []string{"xxx" + lineOmitted(3000), "xxx... (3000 octets)"} {
		if !IsCut(line) {
			t.Errorf("%q is not recognized", line)
		}
	}
	if IsOmission("connected to 192.0.2.1:25") || IsCut("250 ok (3 bytes)") {
		t.Error("another line is recognized")
	}
}

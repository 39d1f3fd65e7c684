package sandbox

// GmailPeriods are the years of the gmail profiles.
var GmailPeriods = gmailPeriods

// GmailCSV are the recorded replies.
var GmailCSV = gmailCSV

// GmailText is the reply of a profile to a situation, whether or not an address can ask
// for it.
func (p *Profile) GmailText(key string) (string, bool) {
	s, ok := p.table.find(key)
	return s.Reply, ok
}

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

// ConnCost is what a connection takes of the memory.
const ConnCost = connCost

// TLSCost is what TLS takes of it.
const TLSCost = tlsCost

// Used is how much of the memory and of the temporary files is taken.
func (s *Server) Used() (memory, disk int64) { return s.memory.used.Load(), s.disk.used.Load() }

//go:build unix

package peers

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"
)

// Token returns an access token that Dovecot accepts for a user: a JSON Web Token signed
// with its configured key.
func (p *Peers) Token(user string, lifetime time.Duration) string {
	enc := base64.RawURLEncoding.EncodeToString
	now := time.Now()
	header, _ := json.Marshal(map[string]string{"alg": "HS256", "typ": "JWT"})
	claims, _ := json.Marshal(map[string]any{"iss": "test-issuer", "sub": user, "iat": now.Add(-time.Minute).Unix(),
		"exp": now.Add(lifetime).Unix()})
	text := enc(header) + "." + enc(claims)
	mac := hmac.New(sha256.New, p.tokenKey)
	mac.Write([]byte(text))
	return text + "." + enc(mac.Sum(nil))
}

package gorgias

import (
	"context"
	"errors"
)

// Caller returns the e-mail of the user whose credentials are used (GET /users/0; api/gorgias section 2). The request
// is repeated after an outage; errors are *[importer.Fault]s.
func (c *Client) Caller(ctx context.Context) (string, error) {
	var u personAnswer
	k := call{op: opRead, doing: "asking whose key it is", path: "users/0", out: &u}
	if err := c.insist(ctx, k); err != nil {
		return "", stopIfGone(err)
	}
	if u.Email == "" {
		return "", errors.New("asking whose key it is: the answer names no e-mail; name a user with --fallback-agent")
	}
	return string(u.Email), nil
}

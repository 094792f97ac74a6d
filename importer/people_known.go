package importer

import "time"

// KnownCustomer is what was learned of a customer of the target: by a look-up, or by an answer to a write.
type KnownCustomer struct {
	Email string // lower case
	ID    int64  // the target's; 0: it has no such customer
	Seen  time.Time
}

package gorgias

import (
	"encoding/json"
	"fmt"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/files"
)

// MissingFile is a file a message was imported without.
type MissingFile struct {
	Ticket  importer.Key
	Message string // external id
	URL     string // the source's
	Name    string
}

// EachMissing calls each for every file that messages in the account at host were sent without and that has not come since,
// as far as the keeper remembers.
func EachMissing(k *files.Keeper, host string, each func(MissingFile) error) error {
	return k.EachSent(host, func(ticket, message string, b []byte) error {
		var r sentRecord
		if err := json.Unmarshal(b, &r); err != nil {
			return fmt.Errorf("reading what ticket %s was sent with: %w", ticket, err)
		}
		for _, f := range r.Lacks {
			if err := each(MissingFile{importer.Key(ticket), message, f.URL, f.Name}); err != nil {
				return err
			}
		}
		return nil
	})
}

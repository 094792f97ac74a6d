package importer

import (
	"crypto/sha256"
	"encoding/hex"
	"unicode/utf8"
)

// MaxExternalID is the number of characters an external_id may have (api/gorgias sections 3 and 4).
const MaxExternalID = 255

// Prefix returns how many messages of a ticket its create carries: the longest run from the first on that has at
// most maxMessages and maxBytes. It is at least 1 where there is a message, since a ticket needs one. The cost of
// a check and the requests of a run both come from it.
func Prefix(sizes []int, maxMessages, maxBytes int) int {
	n, total := 0, 0
	for n < len(sizes) && n < maxMessages {
		if total += sizes[n]; total > maxBytes {
			break
		}
		n++
	}
	return max(n, min(1, len(sizes)))
}

// ExternalID is the external_id a ticket is sent with: the source's name and its ticket id, so that two old
// helpdesks cannot collide. An id too long to be sent is hashed: "name:h1:<sha256>".
func ExternalID(name, id string) string {
	if s := name + ":" + id; utf8.RuneCountInString(s) <= MaxExternalID {
		return s
	}
	return name + ":" + hashedID(id)
}

// MessageExternalID is the external_id a message is sent with: the source's id, hashed when it is too long.
func MessageExternalID(id string) string {
	if utf8.RuneCountInString(id) <= MaxExternalID {
		return id
	}
	return hashedID(id)
}

func hashedID(id string) string {
	h := sha256.Sum256([]byte(id))
	return "h1:" + hex.EncodeToString(h[:])
}

// Package testdata holds the sample exports and their mappings; the binary carries the one that demo imports.
package testdata

import "embed"

// Demo is the export that deskferry demo imports, with its mapping.
//
//go:embed helpdesk.json helpdesk.yaml
var Demo embed.FS

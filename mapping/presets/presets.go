// Package presets holds the mapping files that come with deskferry, one per known format. It is data: adding a
// helpdesk is adding a file.
package presets

import "embed"

// FS holds the presets; the preset "messages" is the file "messages.yaml".
//
//go:embed *.yaml
var FS embed.FS

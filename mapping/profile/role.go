package profile

// Role is what a field is for an import.
type Role string

// The roles. In a record that holds its messages ([Shape.Messages]), those of messages are found in that list.
const (
	TicketID      Role = "ticket id"
	MessageID     Role = "message id"
	Author        Role = "author" // an id or an address
	AuthorName    Role = "author name"
	AuthorType    Role = "author type" // agent or customer
	Direction     Role = "direction"   // in or out
	Internal      Role = "internal"    // a note
	Public        Role = "public"      // the contrary of internal
	Status        Role = "status"
	Priority      Role = "priority"
	Subject       Role = "subject"
	Body          Role = "body"
	BodyHTML      Role = "body html"
	SentTime      Role = "sent time"    // of a message
	CreatedTime   Role = "created time" // of a ticket
	UpdatedTime   Role = "updated time"
	ClosedTime    Role = "closed time"
	CustomerID    Role = "customer id"
	CustomerEmail Role = "customer email"
	CustomerName  Role = "customer name"
	Assignee      Role = "assignee" // an id, an address or a name
	Tags          Role = "tags"
	Channel       Role = "channel"
	Attachments   Role = "attachments"
	From          Role = "from"
	To            Role = "to"
	Cc            Role = "cc"
	Bcc           Role = "bcc"
	PersonID      Role = "person id" // of people records
	PersonEmail   Role = "person email"
	PersonName    Role = "person name"
	PersonRole    Role = "person role" // agent, admin, end-user
)

// Roles lists all roles, in the order in which they are told.
func Roles() []Role {
	return []Role{
		TicketID, Subject, Status, Priority, Channel, Tags, CustomerID, CustomerEmail, CustomerName, Assignee, CreatedTime, UpdatedTime, ClosedTime,
		MessageID, Author, AuthorName, AuthorType, Direction, Internal, Public, Body, BodyHTML, SentTime, From, To, Cc, Bcc, Attachments,
		PersonID, PersonEmail, PersonName, PersonRole,
	}
}

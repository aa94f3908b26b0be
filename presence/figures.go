package presence

// Figures is what a node measures of itself, rates and delays since it was asked last.
type Figures struct {
	// Connections and Streams are open now, Users are those with a connection.
	Connections int `json:"connections"`
	Streams     int `json:"streams"`
	Users       int `json:"users"`
	// UpdatesPerSecond is of statuses written to streams, ChangesPerSecond of those committed.
	UpdatesPerSecond float64 `json:"updatesPerSecond"`
	ChangesPerSecond float64 `json:"changesPerSecond"`
	// DeliveryDelay is from a change's commit to its bytes written, WriteDelay what a
	// call waits for its commit: the 99th percentile, in seconds, 0 where there was none.
	DeliveryDelay float64 `json:"deliveryDelay"`
	WriteDelay    float64 `json:"writeDelay"`
}

// The first file of AupWire stands in for the room until it is furnished.

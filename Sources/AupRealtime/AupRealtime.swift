// The first file of AupRealtime stands in for the room until it is furnished.

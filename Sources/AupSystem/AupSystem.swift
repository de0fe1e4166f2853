// The first file of AupSystem stands in for the room until it is furnished.

// The first file of AupFiles stands in for the room until it is furnished.

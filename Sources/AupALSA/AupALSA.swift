// The first file of AupALSA stands in for the room until it is furnished.

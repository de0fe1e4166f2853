// The first file of AupEngine stands in for the room until it is furnished.

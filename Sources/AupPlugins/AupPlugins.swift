// The first file of AupPlugins stands in for the room until it is furnished.

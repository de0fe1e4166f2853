// The first file of AupSimulation stands in for the room until it is furnished.

#include "CAupPlugin.h"

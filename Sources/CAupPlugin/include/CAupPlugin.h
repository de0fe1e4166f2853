// The door to guests that speak our own plugin ABI.
#ifndef CAUPPLUGIN_H
#define CAUPPLUGIN_H
#include "../../../plugins/aup_plugin.h"
#include "aup_breadcrumb.h"
#include "aup_guest.h"
#endif

// The door to guests: plugins of our own ABI, and what makes those of others look like them.
#ifndef CAUPPLUGIN_H
#define CAUPPLUGIN_H
#include "../../../plugins/aup_plugin.h"
#include "aup_breadcrumb.h"
#include "aup_call_watch.h"
#include "aup_guard.h"
#include "aup_guest.h"
#include "aup_clap.h"
#include "aup_ladspa.h"
#include "aup_lv2.h"
#include "aup_process_state.h"
#include "aup_trial.h"
#include "aup_worker.h"
#endif

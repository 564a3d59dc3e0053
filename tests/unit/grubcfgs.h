/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grubcfgs.h - what grub-mkconfig of distributions writes into grub.cfg.
 */
#pragma once

/* 00_header of Debian's grub-common 2.06-13+deb12u2 and 2.12-9+deb13u4, with @def as the default:
 * written by grub-mkconfig, lines about fonts and colours left out. */
#define DEBIAN_HEADER(def)                                                                         \
	"### BEGIN /etc/grub.d/00_header ###\n"                                                    \
	"if [ -s $prefix/grubenv ]; then\n"                                                        \
	"  set have_grubenv=true\n"                                                                \
	"  load_env\n"                                                                             \
	"fi\n"                                                                                     \
	"if [ \"${next_entry}\" ] ; then\n"                                                        \
	"   set default=\"${next_entry}\"\n"                                                       \
	"   set next_entry=\n"                                                                     \
	"   save_env next_entry\n"                                                                 \
	"   set boot_once=true\n"                                                                  \
	"else\n"                                                                                   \
	"   set default=\"" def "\"\n"                                                             \
	"fi\n"                                                                                     \
	"\n"                                                                                       \
	"if [ x\"${feature_menuentry_id}\" = xy ]; then\n"                                         \
	"  menuentry_id_option=\"--id\"\n"                                                         \
	"else\n"                                                                                   \
	"  menuentry_id_option=\"\"\n"                                                             \
	"fi\n"                                                                                     \
	"\n"                                                                                       \
	"export menuentry_id_option\n"                                                             \
	"\n"                                                                                       \
	"if [ \"${prev_saved_entry}\" ]; then\n"                                                   \
	"  set saved_entry=\"${prev_saved_entry}\"\n"                                              \
	"  save_env saved_entry\n"                                                                 \
	"  set prev_saved_entry=\n"                                                                \
	"  save_env prev_saved_entry\n"                                                            \
	"  set boot_once=true\n"                                                                   \
	"fi\n"                                                                                     \
	"\n"                                                                                       \
	"function savedefault {\n"                                                                 \
	"  if [ -z \"${boot_once}\" ]; then\n"                                                     \
	"    saved_entry=\"${chosen}\"\n"                                                          \
	"    save_env saved_entry\n"                                                               \
	"  fi\n"                                                                                   \
	"}\n"                                                                                      \
	"function load_video {\n"                                                                  \
	"  if [ x$feature_all_video_module = xy ]; then\n"                                         \
	"    insmod all_video\n"                                                                   \
	"  else\n"                                                                                 \
	"    insmod efi_gop\n"                                                                     \
	"  fi\n"                                                                                   \
	"}\n"                                                                                      \
	"if loadfont $font ; then\n"                                                               \
	"  set gfxmode=auto\n"                                                                     \
	"  load_video\n"                                                                           \
	"fi\n"                                                                                     \
	"terminal_output gfxterm\n"                                                                \
	"if [ \"${recordfail}\" = 1 ] ; then\n"                                                    \
	"  set timeout=30\n"                                                                       \
	"else\n"                                                                                   \
	"  set timeout=5\n"                                                                        \
	"fi\n"                                                                                     \
	"### END /etc/grub.d/00_header ###\n"

/* One entry of 10_linux, with the words that tell it from others. */
#define DEBIAN_ENTRY(title, id, release, options)                                                  \
	"menuentry '" title "' --class debian --class gnu-linux --class gnu --class os "           \
	"$menuentry_id_option '" id "' {\n"                                                        \
	"\tload_video\n"                                                                           \
	"\tinsmod gzio\n"                                                                          \
	"\tif [ x$grub_platform = xxen ]; then insmod xzio; insmod lzopio; fi\n"                   \
	"\tset root='hd0,gpt1'\n"                                                                  \
	"\tif [ x$feature_platform_search_hint = xy ]; then\n"                                     \
	"\t  search --no-floppy --fs-uuid --set=root --hint-bios=hd0,gpt1 1111-2222\n"             \
	"\telse\n"                                                                                 \
	"\t  search --no-floppy --fs-uuid --set=root 1111-2222\n"                                  \
	"\tfi\n"                                                                                   \
	"\techo\t'Loading Linux " release " ...'\n"                                                \
	"\tlinux\t/boot/vmlinuz-" release " root=/dev/vda1 ro " options "\n"                       \
	"\techo\t'Loading initial ramdisk ...'\n"                                                  \
	"\tinitrd\t/boot/initrd.img-" release "\n"                                                 \
	"}\n"

#define NEW "6.1.0-37-amd64"
#define OLD "6.1.0-9-amd64"

#define DEBIAN_LINUX                                                                               \
	"### BEGIN /etc/grub.d/10_linux ###\n"                                                     \
	"function gfxmode {\n"                                                                     \
	"\tset gfxpayload=\"${1}\"\n"                                                              \
	"}\n"                                                                                      \
	"set linux_gfx_mode=\n"                                                                    \
	"export linux_gfx_mode\n" DEBIAN_ENTRY(                                                    \
		"Debian GNU/Linux", "simple", NEW,                                                 \
		"quiet") "submenu 'Advanced options for Debian GNU/Linux' $menuentry_id_option "   \
			 "'advanced' {\n" DEBIAN_ENTRY("Debian GNU/Linux, with Linux " NEW,        \
	                                               NEW "-advanced", NEW, "quiet")              \
				 DEBIAN_ENTRY("Debian GNU/Linux, with Linux " NEW                  \
	                                      " (recovery mode)",                                  \
	                                      NEW "-recovery", NEW, "single dis_ucode_ldr")        \
					 DEBIAN_ENTRY("Debian GNU/Linux, with Linux " OLD,         \
	                                              OLD "-advanced", OLD, "quiet")               \
						 DEBIAN_ENTRY(                                     \
							 "Debian GNU/Linux, with Linux " OLD       \
							 " (recovery mode)",                       \
							 OLD "-recovery", OLD,                     \
							 "single") "}\n\n### END "                 \
								   "/etc/grub.d/10_linux ###\n"

/* 30_uefi-firmware of Debian 13, 41_custom. */
#define DEBIAN_END                                                                                 \
	"if [ \"$grub_platform\" = \"efi\" ]; then\n"                                              \
	"\tfwsetup --is-supported\n"                                                               \
	"\tif [ \"$?\" = 0 ]; then\n"                                                              \
	"\t\tmenuentry 'UEFI Firmware Settings' $menuentry_id_option 'uefi-firmware' {\n"          \
	"\t\t\tfwsetup\n"                                                                          \
	"\t\t}\n"                                                                                  \
	"\tfi\n"                                                                                   \
	"fi\n"                                                                                     \
	"if [ -f  ${config_directory}/custom.cfg ]; then\n"                                        \
	"  source ${config_directory}/custom.cfg\n"                                                \
	"elif [ -z \"${config_directory}\" -a -f  $prefix/custom.cfg ]; then\n"                    \
	"  source $prefix/custom.cfg\n"                                                            \
	"fi\n"

#define DEBIAN(def) DEBIAN_HEADER(def) DEBIAN_LINUX DEBIAN_END

/* Fedora's and RHEL's 10_linux (rhboot/grub2), behind its own 00_header. */
#define FEDORA(def)                                                                                \
	"if [ -f ${config_directory}/grubenv ]; then\n"                                            \
	"  load_env -f ${config_directory}/grubenv\n"                                              \
	"elif [ -s $prefix/grubenv ]; then\n"                                                      \
	"  load_env\n"                                                                             \
	"fi\n"                                                                                     \
	"if [ \"${next_entry}\" ] ; then\n"                                                        \
	"   set default=\"${next_entry}\"\n"                                                       \
	"else\n"                                                                                   \
	"   set default=\"" def "\"\n"                                                             \
	"fi\n"                                                                                     \
	"insmod part_gpt\n"                                                                        \
	"set boot='hd0,gpt2'\n"                                                                    \
	"if [ -z \"${kernelopts}\" ]; then\n"                                                      \
	"  set kernelopts=\"root=/dev/mapper/rhel-root ro crashkernel=auto \"\n"                   \
	"fi\n"                                                                                     \
	"insmod blscfg\n"                                                                          \
	"blscfg\n"                                                                                 \
	"if [ \"${boot_success}\" = \"1\" -o \"${boot_indeterminate}\" = \"1\" ]; then\n"          \
	"  set menu_hide_ok=1\n"                                                                   \
	"else\n"                                                                                   \
	"  set menu_hide_ok=0 \n"                                                                  \
	"fi\n"                                                                                     \
	"if [ x$feature_timeout_style = xy ] ; then\n"                                             \
	"  if [ \"${menu_auto_hide}\" -a \"${menu_hide_ok}\" = \"1\" ]; then\n"                    \
	"    set timeout_style=hidden\n"                                                           \
	"  fi\n"                                                                                   \
	"fi\n"

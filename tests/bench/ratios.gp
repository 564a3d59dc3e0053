# SPDX-License-Identifier: GPL-2.0-or-later
# Time and peak memory as parts of the other program's; "data" and "picture" are set by tests/bench/run.
set terminal svg size 900,560 font "sans,12" background "white"
set output picture
set title "Parts of what the other takes: shorter is better"
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.9 border -1
set xtics rotate by -40 scale 0
set yrange [0:*]
set grid ytics
set key top right
set arrow from graph 0, first 1 to graph 1, first 1 nohead linetype 0
plot data using 2:xtic(1) title "time" linecolor rgb "#336699", \
     data using 3 title "memory" linecolor rgb "#cc9933"
